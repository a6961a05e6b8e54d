(ns kvasir.jepsen.measure
  "How long the checker of list-append takes for a large history: clojure.main -m kvasir.jepsen.measure TRANSACTIONS."
  (:require [kvasir.jepsen.checker.append :as append]
            [kvasir.jepsen.random-history-test :as random]))

(defn- check [name history]
  (let [begin (System/nanoTime)
        result (append/check-history history :strict-serializable)]
    (println name (:valid? result) (:anomaly-types result) (quot (- (System/nanoTime) begin) 1000000) "ms")))

(defn -main [transactions]
  (let [history (#'random/store-history (java.util.Random. 1) (* 3 (parse-long transactions)) 20 :append)
        reads (vec (#'random/ok-reads history 10))
        stale (nth reads (quot (count reads) 2))]
    (println (count history) "operations")
    (check "valid" history)
    (check "valid" history)
    (check "stale" (update-in history [(first stale) :value (second stale) 2] #(subvec % 0 1)))))
