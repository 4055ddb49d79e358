//: type: TypeError
//: message: "Cart::add(): Argument #1 ($price) must be of type int, null given, called in /srv/shop/type_error.php on line 13"
//: frames: main add
//: blame: add
//: note: PHP names the place of the function; the caller stands in the message
<?php

class Cart
{
    private int $total = 0;

    public function add(int $price): void //@ add Cart->add
    {
        $this->total += $price;
    }
}

(new Cart())->add($argv[9] ?? null); //@ main
