package io.crirouter.examples.criproxy.admin;

/**
 * A query for calls as they end. An empty string matches all.
 *
 * @param runtime calls that this runtime answers, alone or among others
 * @param rpc calls of this rpc
 * @param pod calls about a pod whose NAMESPACE/NAME contains this text
 * @param code calls that end with this gRPC status code, ERROR for all but OK
 * @param slowMillis calls that took at least this long
 */
record TraceQuery(String runtime, String rpc, String pod, String code, long slowMillis) {}
