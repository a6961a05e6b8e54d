(ns kvasir.jepsen.checker
  "What a history is checked by. A checker returns a map with :valid?, which is true, false or :unknown; nothing but
  true passes."
  (:require [clojure.stacktrace]
            [kvasir.jepsen.history :as history]))

(set! *warn-on-reflection* true)

(defprotocol Checker
  (check [checker test history opts]
    "Returns {:valid? true | false | :unknown, …} for a history. opts may have :subdirectory for files."))

(def ^:private rank {false 0, :unknown 1, true 2})

(defn merge-valid
  "The verdict over several: false beats :unknown, which beats true."
  [verdicts]
  (reduce (fn [a b]
            (when-not (contains? rank b)
              (throw (ex-info "no verdict" {:valid? b})))
            (if (< (long (rank b)) (long (rank a))) b a))
          true verdicts))

(defn check-safe
  "As check; what it throws becomes {:valid? :unknown}, so that one checker's fault does not hide another's verdict."
  [checker test history opts]
  (try (check checker test history opts)
       (catch Exception thrown
         {:valid? :unknown
          :error (with-out-str (binding [*err* *out*] (clojure.stacktrace/print-cause-trace thrown 30)))})))

(defn compose
  "A checker of all checkers in a map; its result has theirs under the same keys."
  [checkers]
  (reify Checker
    (check [_ test history opts]
      (let [results (into {} (map (fn [[name checker]] [name (check-safe checker test history opts)])) checkers)]
        (assoc results :valid? (merge-valid (map :valid? (vals results))))))))

(defn unbridled-optimism
  "A checker that finds everything valid, for what only draws pictures."
  []
  (reify Checker
    (check [_ _ _ _] {:valid? true})))

(defn- counts [ops]
  (let [types (frequencies (map :type ops))
        of #(get types % 0)]
    {:count (+ (long (of :ok)) (long (of :fail)) (long (of :info)))
     :ok-count (of :ok) :fail-count (of :fail) :info-count (of :info)}))

(defn stats
  "How operations ended, by :f. Valid if of each kind at least ok-min took effect: a history in which nothing happened
  proves nothing."
  ([] (stats 1))
  ([ok-min]
   (reify Checker
     (check [_ _ history _]
       (let [ops (filter #(and (history/client-op? %) (not= :invoke (:type %))) history)
             by-f (into {} (map (fn [[f ops]]
                                  (let [counted (counts ops)]
                                    [f (assoc counted :valid? (>= (long (:ok-count counted)) (long ok-min)))])))
                        (group-by :f ops))]
         (assoc (counts ops) :by-f by-f :valid? (if (seq by-f) (merge-valid (map :valid? (vals by-f))) :unknown)))))))

(defn listed-errors
  "Valid if each error that a client was told is in the table of errors: what is not listed is treated as
  undetermined, which may hide that it is not."
  []
  (reify Checker
    (check [_ _ history _]
      (let [unlisted (into [] (comp (filter #(and (vector? (:error %)) (= :unlisted (first (:error %))))) (take 10))
                           history)
            kinds (frequencies (keep #(let [e (:error %)] (cond (vector? e) (first e) (keyword? e) e)) history))]
        {:valid? (empty? unlisted) :unlisted unlisted :errors kinds}))))
