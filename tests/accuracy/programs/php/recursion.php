//: type: OverflowException
//: message: menu is nested too deep
//: frames: main walk^ deep
<?php

class Menu
{
    public function depth(int $level): int
    {
        if ($level > 12) {
            throw new OverflowException('menu is nested too deep'); //@ deep Menu->depth
        }
        return $this->depth($level + 1) + 1; //@ walk Menu->depth
    }
}

echo (new Menu())->depth(0); //@ main
