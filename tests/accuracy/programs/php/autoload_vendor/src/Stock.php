<?php

namespace Shop;

use Acme\Retry;

final class Stock
{
    public function __construct(private array $known)
    {
    }

    public function reserve(string $sku): int
    {
        return Retry::times(3, fn (): int => $this->must($sku)); //@ reserve Shop\Stock->reserve; callback Shop\Stock->Shop\{closure}
    }

    private function must(string $sku): int
    {
        return $this->known[$sku] ?? throw new \OutOfBoundsException("sku $sku is unknown"); //@ must Shop\Stock->must
    }
}
