<?php
declare(strict_types=1);

namespace Shop;

class Owner
{
    public function __construct(private string $owner, private ?Owner $email = null) {}
    public function name(): string { return $this->owner; }
    public function email(): ?Owner { return $this->email; }
}

class Cart
{
    public function __construct(private array $items) {}

    public function currency(): array //@2
    { //@2
        return array_map(function ($code) { return $code; }, ["EUR"]); //@2
    } //@2

    public function total(): int
    {
        $amount = 0;
        foreach ($this->items as $item) {
            $price = $item["price"];
            $amount += $price * $item["count"];
        }
        return $amount;
    }

    public function greet(?Owner $owner): string
    {
        $name = $owner->name();
        return $name . $owner->email()->address();
    }

    public function shares(): array
    {
        return array_map(function ($part) {
            return intdiv(100, $part);
        }, $this->items);
    }

    public function discount(mixed $value): int
    {
        return $this->percent($value);
    }

    private function percent(int $value): int
    {
        return $value;
    }
}
