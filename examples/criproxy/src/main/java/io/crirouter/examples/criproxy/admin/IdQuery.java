package io.crirouter.examples.criproxy.admin;

/**
 * Asks whose an id is.
 *
 * @param id the id, or its beginning
 */
record IdQuery(String id) {}
