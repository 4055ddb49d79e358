//: type: Error
//: message: Call to a member function getEmail() on null
//: frames: main mail greeting
<?php

class Users
{
    private array $all = [];

    public function find(int $id): ?object
    {
        return $this->all[$id] ?? null;
    }
}

class Mailer
{
    public function __construct(private Users $users)
    {
    }

    public function greeting(int $id): string
    {
        return 'Dear ' . $this->users->find($id)->getEmail(); //@ greeting Mailer->greeting
    }

    public static function mail(int $id): string
    {
        return (new self(new Users()))->greeting($id); //@ mail Mailer::mail
    }
}

echo Mailer::mail(7); //@ main
