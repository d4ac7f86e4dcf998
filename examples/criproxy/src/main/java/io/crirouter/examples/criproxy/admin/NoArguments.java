package io.crirouter.examples.criproxy.admin;

/** The request of an rpc that needs none. */
public record NoArguments() {}
