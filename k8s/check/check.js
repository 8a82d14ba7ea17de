// Reads manifests as a JSON array and writes one line for each fault: an unknown kind or field, a missing field, a wrong type.
//
// The schemas are validators that were generated from what Kubernetes and the operators publish. They do not mind unknown fields
// themselves, so each manifest is shown to them through a proxy: a field that no validator ever asks for is in no schema. An object
// of which none asks for any field is free-form.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const home = new URL('.', import.meta.url).pathname;

const PACKAGES = {
  'keda.sh': '@kubernetes-models/keda',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'kafka.strimzi.io': '@kubernetes-models/strimzi-kafka-operator',
};

async function modelOf(manifest) {
  const [version, group] = String(manifest.apiVersion).split('/').reverse();
  const path = join(home, 'node_modules', PACKAGES[group] ?? 'kubernetes-models', group ?? '', version, `${manifest.kind}.js`);
  try {
    return (await import(pathToFileURL(path).href))[manifest.kind];
  } catch (e) {
    if (e.code === 'ERR_MODULE_NOT_FOUND') {
      return undefined;
    }
    throw e;
  }
}

class Watched {
  asked = new Map(); // object -> the names that were asked for
  proxies = new WeakMap();

  of(value) {
    if (value === null || typeof value !== 'object') {
      return value;
    }
    if (!this.proxies.has(value)) {
      this.asked.set(value, new Set());
      const watched = this;
      this.proxies.set(value, new Proxy(value, {
        get(target, name, receiver) {
          if (typeof name === 'string') {
            watched.asked.get(target).add(name);
          }
          return watched.of(Reflect.get(target, name, receiver));
        },
      }));
    }
    return this.proxies.get(value);
  }

  unknown(value, path, faults) {
    const asked = this.asked.get(value);
    if (asked === undefined || asked.size === 0) {
      return;
    }
    for (const [name, inner] of Object.entries(value)) {
      const at = `${path}/${name}`;
      if (!asked.has(name)) {
        faults.push(`${at}: there is no such field`);
      } else if (inner !== null && typeof inner === 'object') {
        this.unknown(inner, at, faults);
      }
    }
  }
}

async function faultsOf(manifest) {
  const model = await modelOf(manifest);
  if (model === undefined) {
    return [`there is no kind ${manifest.kind} in ${manifest.apiVersion}`];
  }
  const faults = [];
  const watched = new Watched();
  const whole = Object.assign(Object.create(model.prototype), manifest);
  try {
    watched.of(whole).validate();
  } catch (e) {
    faults.push(String(e.message).replaceAll('\n', ' '));
  }
  watched.unknown(whole, '', faults);
  return faults;
}

const manifests = JSON.parse(readFileSync(0, 'utf8'));
for (const manifest of manifests) {
  for (const fault of await faultsOf(manifest)) {
    console.log(`${manifest.kind} ${manifest.metadata?.name}: ${fault}`);
  }
}
