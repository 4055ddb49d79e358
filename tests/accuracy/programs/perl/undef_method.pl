#: type: null
#: message: Can't call method "email" on an undefined value
#: frames: greet
use strict;
use warnings;

package Shop::Mailer;

my %users;

sub greet {
    my ($class, $id) = @_;
    return 'Dear ' . $users{$id}->email; #@ greet
}

package main;

print Shop::Mailer->greet(7), "\n";
