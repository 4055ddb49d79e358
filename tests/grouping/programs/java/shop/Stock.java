package shop;

import java.io.IOException;
import java.util.concurrent.TimeoutException;

public class Stock {
    static final int SIZE = 3; //@2

    void load(String path, boolean remote) {
        try {
            if (remote) {
                ask(path);
            } else {
                read(path);
            }
        } catch (IOException | TimeoutException error) {
            throw new IllegalStateException("stock is not there", error);
        }
    }

    private void ask(String path) throws TimeoutException {
        throw new TimeoutException(path + " took " + path.length() * 1000 + " ms");
    }

    private void read(String path) throws IOException {
        throw new IOException("cannot read " + path);
    }

    Object find(String sku) {
        throw new IllegalArgumentException("no such item: " + sku);
    }
}
