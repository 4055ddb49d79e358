#: type: null
#: message: Illegal division by zero
#: frames: main shares closure closure
#: run: {"5.36": "perl -MCarp=verbose {dir}/{file}"}
use strict;
use warnings;
use Carp;
use List::Util qw(first);

$SIG{__DIE__} = \&Carp::confess;

sub share {
    my ($total, $part) = @_;
    return $total / $part; #@ closure main::share
}

sub shares {
    my ($total, @parts) = @_;
    return map { share($total, $_) } @parts; #@ shares main::shares
}

print join(' ', shares(12, 4, 0)), "\n"; #@ main
