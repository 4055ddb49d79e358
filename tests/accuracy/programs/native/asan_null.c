//: type: SEGV
//: message: null
//: frames: ... main total price
struct product {
    int price;
};

struct line {
    struct product *product;
    int quantity;
};

static int price(const struct line *line) {
    return line->product->price; //@ price price
}

static int total(const struct line *line) {
    return price(line) * line->quantity; //@ total total
}

int main(void) {
    struct line line = {0, 2};
    return total(&line); //@ main main
}
