package shop;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

public class Shelf {
    Runnable nothing = new Runnable() { //@2
        public void run() { } //@2
    }; //@2

    Object find(String sku) {
        throw new IllegalArgumentException("no such item: " + sku);
    }

    void sorted(List<String> skus) {
        new ArrayList<>(skus).sort(new Comparator<String>() {
            public int compare(String left, String right) {
                return left.split("-")[9].compareTo(right);
            }
        });
    }

    void reflect(String sku) throws Exception {
        Shelf.class.getDeclaredMethod("weigh", String.class).invoke(this, sku);
    }

    void weigh(String sku) {
        throw new UnsupportedOperationException("cannot weigh " + sku);
    }

    void cast(Object sku) {
        Integer number = (Integer) sku;
    }
}
