//: type: ConnectionLost
//: message: "SQLSTATE[HY000] [2002] Connection refused"
//: frames: main connect
//: run: {log: "php -d log_errors=1 -d error_log= {dir}/{file}"}
<?php

class ConnectionLost extends RuntimeException
{
}

function connect(string $dsn): void
{
    throw new ConnectionLost('SQLSTATE[HY000] [2002] Connection refused'); //@ connect connect
}

try {
    connect('mysql:host=127.0.0.1'); //@ main
} catch (RuntimeException $e) {
    error_log('newsletter failed: ' . $e);
}
