package io.crirouter.examples.criproxy.admin;

/**
 * A query for the owner of an id.
 *
 * @param id the id, or its beginning
 */
record IdQuery(String id) {}
