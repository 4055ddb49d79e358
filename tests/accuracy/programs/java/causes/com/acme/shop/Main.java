//: chain:
//: - {type: java.lang.IllegalStateException, message: cannot start shop, frames: main start}
//: - {type: "com.acme.shop.Config$Invalid", message: "bad value for port: 80a", frames: start2 port}
//: - {type: java.lang.NumberFormatException, message: 'For input string: "80a"', frames: port2 ...}
//: run: {"17": "java -cp classes com.acme.shop.Main"}
package com.acme.shop;

import java.util.Map;

public final class Main {
    private Main() {}

    static void start(Map<String, String> settings) {
        try {
            new Config(settings).port(); //@ start2 com.acme.shop.Main.start
        } catch (Config.Invalid e) {
            throw new IllegalStateException("cannot start shop", e); //@ start com.acme.shop.Main.start
        }
    }

    public static void main(String[] args) {
        start(Map.of("port", "80a")); //@ main com.acme.shop.Main.main
    }
}
