//: type: OutOfBoundsException
//: message: sku B-2 is unknown
//: frames: main reserve ... callback must
//: run: {cli: "php -d display_errors=0 -d log_errors=1 {dir}/main.php"}
<?php

require __DIR__ . '/vendor/acme/retry/Retry.php';
require __DIR__ . '/src/Stock.php';

(new Shop\Stock(['A-1' => 3]))->reserve('B-2'); //@ main
