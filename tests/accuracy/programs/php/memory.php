//: type: null
//: message: Allowed memory size of 4194304 bytes exhausted (tried to allocate 2097152 bytes)
//: blame: grow
//: run: {log: "php -d memory_limit=4M -d display_errors=0 -d log_errors=1 {dir}/{file}"}
<?php

function grow(array $rows): array
{
    while (true) {
        $rows[] = str_repeat('x', 1 << 16) . count($rows); //@ grow
    }
}

grow([]);
