//: chain:
//: - {type: JsonException, message: Syntax error, frames: main load read read}
//: - {type: Shop\ConfigError, message: config.json cannot be read, frames: main load read2}
//: - {type: LogicException, message: cannot start, frames: main load2}
<?php

namespace Shop;

class ConfigError extends \RuntimeException
{
}

final class Loader
{
    public static function read(string $text): array
    {
        try {
            return json_decode($text, true, 4, JSON_THROW_ON_ERROR); //@ read Shop\Loader::read
        } catch (\JsonException $e) {
            throw new ConfigError('config.json cannot be read', 3, $e); //@ read2 Shop\Loader::read
        }
    }
}

function start(): void
{
    try {
        Loader::read('{port: 80}'); //@ load Shop\start
    } catch (ConfigError $e) {
        throw new \LogicException('cannot start', 0, $e); //@ load2 Shop\start
    }
}

start(); //@ main
