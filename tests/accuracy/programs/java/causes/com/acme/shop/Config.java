package com.acme.shop;

import java.util.Map;

final class Config {
    static final class Invalid extends Exception {
        Invalid(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private final Map<String, String> settings;

    Config(Map<String, String> settings) {
        this.settings = settings;
    }

    int port() throws Invalid {
        String value = settings.get("port");
        try {
            return Integer.parseInt(value); //@ port2 com.acme.shop.Config.port
        } catch (NumberFormatException e) {
            throw new Invalid("bad value for port: " + value, e); //@ port com.acme.shop.Config.port
        }
    }
}
