(ns kvasir.jepsen.checker.set
  "A set that elements are added to, each once, and that is read as a whole: :add x, :read #{…}. What was
  acknowledged is in every read that began later; what surely failed is in none."
  (:require [kvasir.jepsen.checker :as checker]
            [kvasir.jepsen.history :as history]))

(set! *warn-on-reflection* true)

(defn- known-since
  "{element [index op]} of what shows first that it is there: its acknowledgement, or a read that has it."
  [pairs]
  (let [sooner (fn [known element index op]
                 (if (< (long index) (long (first (known element [Long/MAX_VALUE]))))
                   (assoc known element [index op])
                   known))]
    (reduce (fn [known [invocation completion]]
              (if (not= :ok (:type completion))
                known
                (case (:f invocation)
                  :add (sooner known (:value invocation) (:index completion) completion)
                  :read (reduce #(sooner %1 %2 (:index completion) completion) known (:value completion))
                  known)))
            {} pairs)))

(defn check-history [history]
  (let [pairs (history/pairs (history/indexed history))
        adds (filter #(= :add (:f (first %))) pairs)
        attempted (into #{} (map (comp :value first)) adds)
        failed (into #{} (comp (filter #(= :fail (:type (second %)))) (map (comp :value first))) adds)
        acknowledged (into #{} (comp (filter #(= :ok (:type (second %)))) (map (comp :value first))) adds)
        reads (filterv #(and (= :read (:f (first %))) (= :ok (:type (second %)))) pairs)
        known (known-since pairs)
        missing (for [[invocation completion] reads
                      :let [there (set (:value completion))]
                      [element [index op]] known
                      :when (and (< (long index) (long (:index invocation))) (not (there element)))]
                  {:element element :known op :read (dissoc completion :value) :read-invoked (:index invocation)})
        last-read (set (:value (second (peek reads))))
        seen (into #{} (mapcat (comp :value second)) reads)
        lost (into #{} (comp (map :element) (remove last-read)) missing)
        unexpected (into #{} (remove attempted) seen)
        phantom (into #{} (filter seen) failed)
        example (first missing)]
    (cond
      (empty? reads) {:valid? :unknown :error "the set was never read"}
      :else
      (cond-> {:valid? (and (empty? missing) (empty? unexpected) (empty? phantom))
               :attempt-count (count attempted)
               :acknowledged-count (count acknowledged)
               :read-count (count reads)
               :lost lost :lost-count (count lost)
               :stale-count (count (remove (comp lost :element) missing))
               :unexpected unexpected
               :failed-but-read phantom
               :recovered-count (count (filter #(and (last-read %) (not (acknowledged %))) attempted))}
        example (assoc :explanation
                       (str "Element " (pr-str (:element example)) " was known to be there at index "
                            (:index (:known example)) " (process " (:process (:known example)) ", "
                            (name (:f (:known example))) "), but the read that process " (:process (:read example))
                            " invoked later, at index " (:read-invoked example) ", has not got it"
                            (when (lost (:element example)) ", nor has the last read") "."))
        (seq unexpected) (assoc :explanation (str "Nobody added " (pr-str (first unexpected)) ", but it was read."))
        (seq phantom) (assoc :explanation
                             (str "Adding " (pr-str (first phantom))
                                  " was said to have had no effect, but it was read."))))))

(defn checker []
  (reify checker/Checker
    (check [_ _ history _] (check-history history))))
