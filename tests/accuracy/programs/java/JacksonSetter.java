//: chain:
//: - {type: com.fasterxml.jackson.databind.JsonMappingException, message: "quantity must be positive, not -1\n at [Source: (String)\"{\"quantity\": -1}\"; line: 1, column: 14] (through reference chain: JacksonSetter$Order[\"quantity\"])", frames: main read ...}
//: - {type: java.lang.IllegalArgumentException, message: "quantity must be positive, not -1", frames: ... setter}
//: run: {"17": "java -cp 'classes:/usr/share/java/*' JacksonSetter"}
import com.fasterxml.jackson.databind.ObjectMapper;

public class JacksonSetter {
    public static class Order {
        private int quantity;

        public void setQuantity(int quantity) {
            if (quantity < 1) {
                throw new IllegalArgumentException("quantity must be positive, not " + quantity); //@ setter JacksonSetter$Order.setQuantity
            }
            this.quantity = quantity;
        }
    }

    static Order read(String body) throws Exception {
        return new ObjectMapper().readValue(body, Order.class); //@ read JacksonSetter.read
    }

    public static void main(String[] args) throws Exception {
        read("{\"quantity\": -1}"); //@ main JacksonSetter.main
    }
}
