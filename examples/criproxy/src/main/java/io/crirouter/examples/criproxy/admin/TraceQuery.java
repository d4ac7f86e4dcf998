package io.crirouter.examples.criproxy.admin;

/**
 * Asks for calls as they end. An empty text admits all.
 *
 * @param runtime calls that this runtime answers, alone or with others
 * @param rpc calls of this rpc
 * @param pod calls about a pod whose NAMESPACE/NAME has this text in it
 * @param code calls that end with this gRPC status code, ERROR for all but OK
 * @param slowMillis calls that took at least so long
 */
record TraceQuery(String runtime, String rpc, String pod, String code, long slowMillis) {}
