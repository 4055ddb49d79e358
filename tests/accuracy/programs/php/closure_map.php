//: type: DivisionByZeroError
//: message: Division by zero
//: frames: main shares ... closure
<?php

function shares(int $total, array $parts): array
{
    return array_map(function (int $part) use ($total): float { //@ shares shares
        return $total / $part; //@ closure {closure}
    }, $parts);
}

print_r(shares(12, [4, 0])); //@ main
