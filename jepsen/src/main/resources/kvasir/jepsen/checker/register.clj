(ns kvasir.jepsen.checker.register
  "Is a register linearizable? Operations :read v, :write v and :cas [old new], also by clients that crashed: what
  they did may take effect at any later time, or never."
  (:require [clojure.string :as string]
            [kvasir.jepsen.checker :as checker]
            [kvasir.jepsen.history :as history])
  (:import (io.kvasir.jepsen.register RegisterHistory RegisterSearch RegisterSearch$Verdict)))

(set! *warn-on-reflection* true)

(def tried-max
  "Sets of operations that are tried for one register before its verdict is :unknown: about 1 GiB."
  4000000)

(defn calls
  "The operations that count: not those that failed, nor reads of which nobody heard."
  [history]
  (into []
        (keep (fn [[invocation completion]]
                (let [type (:type completion :info)
                      f (:f invocation)]
                  (when-not (or (= :fail type) (and (= :info type) (= :read f)))
                    (let [value (:value (if (= :ok type) completion invocation))]
                      {:f f :value value :op (or completion invocation)
                       :process (:process invocation)
                       :invoked (:index invocation)
                       :completed (when (= :ok type) (:index completion))})))))
        (history/pairs history)))

(defn- search ^RegisterSearch [calls]
  (let [numbers (volatile! {nil 0})
        number (fn [value] (or (@numbers value) (get (vswap! numbers assoc value (count @numbers)) value)))
        operations (RegisterHistory. (count calls))]
    (doseq [{:keys [f value invoked completed]} calls]
      (let [[kind a b] (case f
                         :read [RegisterHistory/READ (number value) 0]
                         :write [RegisterHistory/WRITE (number value) 0]
                         :cas [RegisterHistory/COMPARE_AND_SET (number (first value)) (number (second value))])]
        (.add operations kind a b invoked (or completed RegisterHistory/NEVER))))
    (RegisterSearch. operations tried-max)))

(defn- broken? [calls]
  (= RegisterSearch$Verdict/NOT_LINEARIZABLE (.verdict (search calls))))

(defn- written [{:keys [f value]}]
  (case f :read ::none :write value :cas (second value)))

(defn- found [{:keys [f value]}]
  (case f :read value :write ::none :cas (first value)))

(defn- droppable?
  "Whether a history that is linearizable stays so without call: nobody found what it wrote."
  [calls call]
  (let [value (written call)]
    (or (= ::none value)
        (not-any? #(and (not (identical? % call)) (= value (found %))) calls))))

(defn minimal
  "Leaves out calls as long as the rest has no order either. Only such are left out as a linearizable history can
  miss."
  [calls stuck]
  (let [end (:completed stuck)
        cut (filterv #(<= (long (:invoked %)) (long end)) calls)
        ;; what completes later may take effect after all that is looked at
        cut (mapv #(if (> (long (or (:completed %) 0)) (long end)) (assoc % :completed nil) %) cut)
        cut (filterv #(or (:completed %) (not= :read (:f %))) cut)]
    (loop [left cut candidates (rseq cut)]
      (if-let [[call & more] (seq candidates)]
        (let [without (filterv #(not (identical? call %)) left)]
          (if (and (droppable? left call) (broken? without))
            (recur without more)
            (recur left more)))
        left))))

(defn- words [calls]
  (string/join
   "\n"
   (concat
    ["No order of these operations agrees with real time and explains what they returned:"]
    (for [{:keys [f value process invoked completed]} calls]
      (str "  process " process " "
           (case f
             :read (str "read " (pr-str value))
             :write (str "wrote " (pr-str value))
             :cas (str "replaced " (pr-str (first value)) " by " (pr-str (second value))))
           (if completed
             (str ", between index " invoked " and " completed)
             (str ", at index " invoked " or later, if at all")))))))

(defn check-history [history]
  (let [calls (calls (history/indexed history))
        search (search calls)]
    (condp = (.verdict search)
      RegisterSearch$Verdict/LINEARIZABLE {:valid? true :op-count (count calls)}
      RegisterSearch$Verdict/TOO_LARGE {:valid? :unknown :op-count (count calls)
                                        :error (str "more than " tried-max " sets of operations to try")}
      (let [stuck (nth calls (.stuckAt search))
            example (minimal calls stuck)]
        {:valid? false :op-count (count calls)
         :op (:op stuck)
         :minimal (mapv :op example)
         :explanation (words example)}))))

(defn checker []
  (reify checker/Checker
    (check [_ _ history _] (check-history history))))
