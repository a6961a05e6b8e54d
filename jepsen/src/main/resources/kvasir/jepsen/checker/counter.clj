(ns kvasir.jepsen.checker.counter
  "A counter that grows: :add n (n > 0), :read v. A read lies between what was surely added before it began and all
  that may have been added until it ended. Where a completed :add says what the counter was afterwards, as :after,
  all such values differ, and they grow in real time, as reads do."
  (:require [kvasir.jepsen.checker :as checker]
            [kvasir.jepsen.history :as history]))

(set! *warn-on-reflection* true)

(defn- bounds-errors
  "Reads outside their bounds."
  [history]
  (let [outcome (into {} (map (fn [[i c]] [(:index i) c])) (history/pairs history))]
    (loop [ops (seq (filter history/client-op? history)) surely 0 maybe 0 open {} errors []]
      (if-let [[{:keys [type f process value] :as op} & more] ops]
        (case [type f]
          [:invoke :add] (recur more surely
                                (if (= :fail (:type (outcome (:index op)))) maybe (+ (long maybe) (long value)))
                                open errors)
          [:ok :add] (recur more (+ (long surely) (long value)) maybe open errors)
          [:invoke :read] (recur more surely maybe (assoc open process [surely (:index op)]) errors)
          [:ok :read] (let [[lower invoked] (open process)]
                        (recur more surely maybe (dissoc open process)
                               (if (<= (long lower) (long (or value 0)) (long maybe))
                                 errors
                                 (conj errors
                                       {:op op :lower lower :upper maybe
                                        :explanation
                                        (str "Process " process " read " (pr-str value) " between index " invoked
                                             " and " (:index op) ", when at least " lower
                                             " had been added before and at most "
                                             maybe " until then.")}))))
          (recur more surely maybe (if (= :invoke type) open (dissoc open process)) errors))
        errors))))

(defn- shown
  "What an operation shows of the counter, nil if nothing."
  [op]
  (case (:f op) :add (:after op) :read (or (:value op) 0) nil))

(defn- order-errors
  "Operations that show less than what was shown before they began."
  [history]
  (loop [ops (seq (filter history/client-op? history)) highest nil open {} errors []]
    (if-let [[{:keys [type process] :as op} & more] ops]
      (case type
        :invoke (recur more highest (assoc open process highest) errors)
        :ok (let [before (open process)
                  value (shown op)
                  least (when before (+ (long (shown before)) (if (= :add (:f op)) (long (:value op)) 0)))]
              (recur more
                     (if (and value (or (nil? highest) (> (long value) (long (shown highest))))) op highest)
                     (dissoc open process)
                     (if (and value least (< (long value) (long least)))
                       (conj errors {:op op :before before
                                     :explanation (str "The counter went back: " (pr-str (dissoc before :time))
                                                       " was complete before " (pr-str (dissoc op :time))
                                                       " began.")})
                       errors)))
        (recur more highest (dissoc open process) errors))
      errors)))

(defn- repeated [history]
  (for [[after ops] (group-by :after (filter #(and (= :ok (:type %)) (= :add (:f %)) (:after %)) history))
        :when (> (count ops) 1)]
    {:after after :ops ops
     :explanation (str (count ops) " additions were each told that they had made the counter " after ": "
                       (pr-str (mapv #(dissoc % :time) ops)))}))

(defn check-history [history]
  (let [history (history/indexed history)
        errors (into [] (take 10) (concat (bounds-errors history) (order-errors history) (repeated history)))
        reads (count (filter #(and (= :ok (:type %)) (= :read (:f %))) history))]
    (cond-> {:valid? (if (seq errors) false (if (pos? reads) true :unknown))
             :read-count reads
             :errors errors}
      (zero? reads) (assoc :error "the counter was never read")
      (seq errors) (assoc :explanation (:explanation (first errors))))))

(defn checker []
  (reify checker/Checker
    (check [_ _ history _] (check-history history))))
