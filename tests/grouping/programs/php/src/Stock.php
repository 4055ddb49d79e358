<?php
declare(strict_types=1);

namespace Shop;

class StockError extends \RuntimeException {}
const LIMIT = 3; //@2

class Stock
{
    public function find(string $sku): void
    {
        throw new StockError("no such item: $sku");
    }

    private function fetch(string $text): void
    {
        json_decode($text, false, 512, JSON_THROW_ON_ERROR);
        throw new \UnexpectedValueException("warehouse said nothing for " . (strlen($text) * 100) . " ms");
    }

    public function reserve(string $text): void
    {
        try {
            $this->fetch($text);
        } catch (\Exception $error) {
            throw new StockError("cannot reserve", 0, $error);
        }
    }
}

class Shelf
{
    public function find(string $sku): void
    {
        throw new StockError("no such item: $sku");
    }

    public function settings(string $text): mixed
    {
        return json_decode($text, false, 512, JSON_THROW_ON_ERROR);
    }
}
