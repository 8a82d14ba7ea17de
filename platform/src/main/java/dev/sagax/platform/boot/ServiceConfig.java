package dev.sagax.platform.boot;

import java.nio.file.Path;

/**
 * The settings of one service process.
 *
 * @param grpcPort 0 for any free port
 * @param ledgerHost where settle-svc's LedgerService listens
 * @param keyFile the RSA key that signs tokens; made on first start where it is missing
 * @param partitions partitions of every topic of the saga
 * @param replication replication factor of topics that are created
 */
public record ServiceConfig(
    String kafkaBootstrap,
    String postgresUri,
    String redisUri,
    String grpcHost,
    int grpcPort,
    String ledgerHost,
    int ledgerPort,
    Path marketsFile,
    Path keyFile,
    int partitions,
    short replication) {}
