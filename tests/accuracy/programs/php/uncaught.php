//: type: RuntimeException
//: message: no price for A-1
//: frames: main checkout total
<?php

function total(array $lines): int
{
    if (!isset($lines[0]['price'])) {
        throw new RuntimeException('no price for ' . $lines[0]['sku']); //@ total total
    }
    return $lines[0]['price'];
}

function checkout(array $cart): int
{
    return total($cart['lines']); //@ checkout checkout
}

echo checkout(['lines' => [['sku' => 'A-1']]]); //@ main
