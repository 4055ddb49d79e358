<?php

namespace Acme;

final class Retry
{
    public static function times(int $times, callable $do): mixed
    {
        do {
            try {
                return $do();
            } catch (\LengthException) {
                $times--;
            }
        } while ($times > 0);

        return null;
    }
}
