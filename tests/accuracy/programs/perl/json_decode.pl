#: type: null
#: message: "malformed JSON string, neither array, object, number, string or atom, at character offset 0 (before \"<html>503</html>\")"
#: frames: read
use strict;
use warnings;
use JSON::PP;

sub read_rates {
    my ($body) = @_;
    return JSON::PP->new->decode($body); #@ read
}

read_rates('<html>503</html>');
