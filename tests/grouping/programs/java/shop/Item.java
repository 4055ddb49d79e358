package shop;

public class Item {
    final String sku;
    final Double price;
    Double tax;

    Item(String sku, Double price) {
        this.sku = sku;
        this.price = price;
    }
}
