#: type: null
#: message: region is required
#: frames: main
use strict;
use warnings;

package Shop::Region;
use Carp qw(croak);

sub new {
    my ($class, %given) = @_;
    croak 'region is required' unless defined $given{name};
    return bless {%given}, $class;
}

package main;

Shop::Region->new(nam => 'eu'); #@ main
