;;: type: clojure.lang.ExceptionInfo
;;: message: 'no stock for A-1 {:sku "A-1"}'
;;: frames: ... main2 main take2 take
(ns shop.stock)

(defn take-one [stock sku] ;;@ take2 shop.stock$take_one.invoke
  (let [count (get stock sku 0)]
    (if (pos? count)
      (update stock sku dec)
      (throw (ex-info (str "no stock for " sku) {:sku sku}))))) ;;@ take shop.stock$take_one.invokeStatic

(try ;;@ main2 shop.stock$eval147.invoke
  (println (take-one {} "A-1")) ;;@ main shop.stock$eval147.invokeStatic
  (catch Exception e
    (.printStackTrace e)))
