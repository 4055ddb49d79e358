;;: type: ArithmeticException
;;: message: Divide by zero
;;: blame: share
;;: note: the report names the place in its first line, frames stand in a file of their own
(ns shop.share)

(defn share [total part]
  (/ total part)) ;;@ share

(defn shares [total parts]
  (doall (map (fn [part] (inc (share total part))) parts))) ;;@ shares; closure

(println (shares 12 [4 0])) ;;@ main
