package shop;

import java.util.List;

public class Main {
    public static void main(String[] arguments) throws Exception {
        String data = arguments[1];
        switch (arguments[0]) {
            case "null-price": new Cart(List.of(new Item(data, null))).total(); break;
            case "null-tax": new Cart(List.of(new Item(data, (double) data.length()))).total(); break;
            case "lambda-number": new Cart(List.of()).parse(List.of(data)); break;
            case "lambda-index": new Cart(List.of()).pick(data.split(",")); break;
            case "cause-io": new Stock().load(data, false); break;
            case "cause-timeout": new Stock().load(data, true); break;
            case "no-sku-stock": new Stock().find(data); break;
            case "no-sku-shelf": new Shelf().find(data); break;
            case "anonymous": new Shelf().sorted(List.of(data, "x")); break;
            case "reflected": new Shelf().reflect(data); break;
            case "cast": new Shelf().cast(data); break;
            default: throw new IllegalArgumentException(arguments[0]);
        }
    }
}
