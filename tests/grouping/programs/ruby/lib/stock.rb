module Shop
  class StockError < StandardError; end
  LIMIT = 3 #@2

  class Stock
    def number(text)
      Integer(text)
    end

    def quantity(text)
      number(text)
    end

    def price(text)
      number(text)
    end

    def find(sku)
      raise StockError, "no such item: #{sku}"
    end

    def reserve(shelves, sku)
      fetch(shelves, sku)
    rescue StandardError
      raise StockError, "cannot reserve #{sku}"
    end

    def fetch(shelves, sku)
      shelves.fetch(:shelf)
    end
  end
end
