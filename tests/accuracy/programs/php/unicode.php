//: type: Währung\Unbekannt
//: message: "Währung „złoty“ → 💥"
//: frames: main größe
<?php

namespace Währung;

class Unbekannt extends \DomainException
{
}

function größe(string $name): int
{
    throw new Unbekannt("Währung „{$name}“ → 💥"); //@ größe Währung\größe
}

größe('złoty'); //@ main
