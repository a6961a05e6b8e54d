(ns kvasir.jepsen.checker.bank
  "Money in accounts: :transfer {:from a :to b :amount n}, :read {account balance}. Every read finds all accounts and
  as much money as there was, and no account below zero unless that is allowed."
  (:require [kvasir.jepsen.checker :as checker]
            [kvasir.jepsen.history :as history]))

(set! *warn-on-reflection* true)

(defn- error [{:keys [accounts total-amount negative-balances?]} op]
  (let [balances (:value op)
        total (reduce + 0 (remove nil? (vals balances)))
        missing (remove #(some? (get balances %)) accounts)
        unknown (remove (set accounts) (keys balances))
        negative (when-not negative-balances? (filter #(neg? (long (val %))) (filter val balances)))
        of (fn [type words]
             {:type type :op op
              :explanation (str "Process " (:process op) " read " words " (index " (:index op) ", "
                                (pr-str (into (sorted-map) balances)) ").")})]
    (cond
      (seq missing) (of :nil-balance (str "no balance of " (pr-str (vec missing))))
      (seq unknown) (of :unexpected-key (str "accounts that do not exist: " (pr-str (vec unknown))))
      (not= total total-amount) (of :wrong-total (str "a total of " total " in place of " total-amount))
      (seq negative) (of :negative-value (str "balances below zero: " (pr-str (into {} negative)))))))

(defn check-history
  "Checks a history; test has :accounts, :total-amount and perhaps :negative-balances?."
  [test history]
  (let [reads (filterv #(and (history/client-op? %) (= :ok (:type %)) (= :read (:f %))) (history/indexed history))
        errors (into [] (keep #(error test %)) reads)]
    (cond-> {:valid? (cond (seq errors) false (seq reads) true :else :unknown)
             :read-count (count reads)
             :error-count (count errors)
             :errors (update-vals (group-by :type errors) #(vec (take 5 %)))}
      (empty? reads) (assoc :error "the accounts were never read")
      (seq errors) (assoc :explanation (:explanation (first errors))))))

(defn checker []
  (reify checker/Checker
    (check [_ test history _] (check-history test history))))
