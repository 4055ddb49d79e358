//: type: null
//: message: "syntax error, unexpected token \"return\""
//: blame: broken
<?php

function tax(float $price): float
{
    $tax = $price *
    return $tax; //@ broken
}

echo tax(3);
