module Shop
  class Shelf
    def find(sku)
      raise StockError, "no such item: #{sku}"
    end

    def rename(sku)
      sku.freeze << "x"
    end
  end
end
