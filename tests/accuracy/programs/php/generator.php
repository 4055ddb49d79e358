//: type: UnexpectedValueException
//: message: "row 2: amount is n/a"
//: frames: main sum rows
<?php

function rows(): iterable
{
    yield 1;
    throw new UnexpectedValueException('row 2: amount is n/a'); //@ rows rows
}

class Ledger implements Countable
{
    public function count(): int
    {
        $sum = 0;
        foreach (rows() as $amount) { //@ sum Ledger->count
            $sum += $amount;
        }
        return $sum;
    }
}

echo count(new Ledger()); //@ main
