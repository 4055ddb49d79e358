#: type: null
#: message: amount -3 is out of range
#: frames: main pay check
use strict;
use warnings;
use Carp;

package Shop::Bank;

sub check {
    my ($self, $amount) = @_;
    Carp::confess("amount $amount is out of range") if $amount < 0; #@ check Shop::Bank::check
    return 1;
}

sub pay {
    my ($self, $amount) = @_;
    return $self->check($amount); #@ pay Shop::Bank::pay
}

package main;

bless({}, 'Shop::Bank')->pay(-3); #@ main
