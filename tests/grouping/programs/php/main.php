<?php
declare(strict_types=1);
set_error_handler(function ($level, $message, $file, $line) { throw new ErrorException($message, 0, $level, $file, $line); });
require __DIR__ . "/src/Cart.php";
require __DIR__ . "/src/Stock.php";

function run(string $bug, string $data): void
{
    switch ($bug) {
        case "key-price": (new Shop\Cart([["sku" => $data]]))->total(); break;
        case "key-count": (new Shop\Cart([["sku" => $data, "price" => strlen($data)]]))->total(); break;
        case "null-name": (new Shop\Cart([]))->greet(null); break;
        case "null-email": (new Shop\Cart([]))->greet(new Shop\Owner($data)); break;
        case "closure-zero": (new Shop\Cart([strlen($data), 0]))->shares(); break;
        case "type": (new Shop\Cart([]))->discount($data); break;
        case "missing-stock": (new Shop\Stock())->find($data); break;
        case "missing-shelf": (new Shop\Shelf())->find($data); break;
        case "previous-json": (new Shop\Stock())->reserve($data); break;
        case "previous-value": (new Shop\Stock())->reserve("{}"); break;
        case "json-settings": (new Shop\Shelf())->settings($data); break;
    }
}

run($argv[1], $argv[2]);
