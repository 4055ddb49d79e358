package shop;

import java.util.List;

public class Cart {
    private final List<Item> items;

    Cart(List<Item> items) {
        this.items = items;
    }

    List<String> skus() { //@2
        return items.stream().map(item -> item.sku.trim()).toList(); //@2
    } //@2

    double total() {
        double amount = 0;
        for (Item item : items) {
            double net = item.price;
            amount += net;
            amount += item.tax * net;
        }
        return amount;
    }

    int parse(List<String> texts) {
        return texts.stream().mapToInt(text -> Integer.parseInt(text)).sum();
    }

    int pick(String[] parts) {
        return List.of(7).stream().mapToInt(at -> parts[at].length()).sum();
    }
}
