(ns kvasir.jepsen.checker.cycles
  "Anomalies that are cycles of dependencies, after Adya (\"Weak Consistency\", 1999): which there are, which a model
  forbids, and how they read in words. What depends on what is for the checkers of each kind of history to say."
  (:require [clojure.string :as string])
  (:import (io.kvasir.jepsen.graph Components Cycle CycleSearch EdgeList RealTime TransactionGraph)))

(set! *warn-on-reflection* true)

(def ^:const ww TransactionGraph/WW)
(def ^:const wr TransactionGraph/WR)
(def ^:const rw TransactionGraph/RW)
(def ^:const process TransactionGraph/PROCESS)
(def ^:const realtime TransactionGraph/REALTIME)

(def ^:private type-name {ww :ww wr :wr rw :rw process :process realtime :realtime})

;; kind, edge that closes the cycle, other edges, whether anti-dependencies may not be neighbours
(def ^:private kinds
  [[:G0 ww ww false]
   [:G1c wr (bit-or ww wr) false]
   [:G-single rw (bit-or ww wr) false]
   [:G-nonadjacent rw (bit-or ww wr rw) true]
   [:G2-item rw (bit-or ww wr rw) false]])

(def ^:private variants
  [["" 0 0]
   ["-process" process process]
   ["-realtime" (bit-or process realtime) realtime]])

(def never-allowed
  "Anomalies under any model: reads that nobody's writes explain."
  #{:internal :duplicate-elements :unexpected-element :incompatible-order :cyclic-versions})

(def ^:private read-committed #{:G0 :G1a :G1b :G1c :dirty-update})
(def ^:private snapshot (into read-committed [:G-single :G-nonadjacent :lost-update]))
(def ^:private serializable (conj snapshot :G2-item))

(defn- strong [anomalies]
  (into anomalies (for [a anomalies suffix ["-process" "-realtime"]] (keyword (str (name a) suffix)))))

(def forbidden
  "Anomalies that each model forbids, beside those that are never allowed."
  {:read-committed read-committed
   :snapshot-isolation snapshot
   :strong-snapshot-isolation (strong snapshot)
   :serializable serializable
   :strict-serializable (strong serializable)})

(defn kind-of
  "The anomaly that a cycle with edges of these types, in order, is."
  [types]
  (let [n (count types)
        anti (count (filter #{rw} types))
        neighbours? (some (fn [i] (and (= rw (nth types i)) (= rw (nth types (mod (inc (long i)) n))))) (range n))
        base (cond
               (= 1 anti) "G-single"
               (and (pos? anti) neighbours?) "G2-item"
               (pos? anti) "G-nonadjacent"
               (some #{wr} types) "G1c"
               :else "G0")
        suffix (cond (some #{realtime} types) "-realtime" (some #{process} types) "-process" :else "")]
    (keyword (str base suffix))))

(defn- letter [i] (str "T" (inc (long i))))

(defn- words
  "Tells a cycle. ops: completed operations, as many as steps."
  [ops steps]
  (string/join
   "\n"
   (concat
    (map-indexed (fn [i op] (str (letter i) " = " (pr-str (dissoc op :time :node)))) ops)
    (map-indexed
     (fn [i step]
       (str (letter i) " comes before " (letter (mod (inc (long i)) (count ops))) ": " (:why step)))
     steps)
    ["So each of them would have to come before itself."])))

(defn- told
  "A cycle as a map that people can read."
  [txns why ^Cycle cycle]
  (let [nodes (vec (.nodes cycle))
        types (vec (.types cycle))
        n (count nodes)
        ops (mapv #(:op (nth txns %)) nodes)
        steps (vec (for [i (range n)]
                     (let [a (nth nodes i) b (nth nodes (mod (inc (long i)) n)) type (nth types i)
                           [la lb] [(letter i) (letter (mod (inc (long i)) n))]]
                       {:type (type-name type)
                        :why (condp = type
                               process (str "process " (:process (nth txns a)) " did " la " and then " lb)
                               realtime (str la " was complete (index " (:completed (nth txns a)) ") before " lb
                                             " was invoked (index " (:invoked (nth txns b)) ")")
                               (why a b type la lb))})))]
    {:cycle ops :steps steps :type (kind-of types) :explanation (words ops steps)}))

(defn- positions ^ints [values] (int-array values))

(defn- process-edges
  "Adds an edge between each two transactions that a process did one after the other."
  [^EdgeList edges txns]
  (let [newest (java.util.HashMap.)]
    (doseq [i (range (count txns))]
      (let [before (.put newest (:process (nth txns i)) i)]
        (when before (.add edges (long before) (long i) process))))))

(defn find-cycles
  "Returns {anomaly [cycle …]} for transactions with these edges.

  txns: maps with :op (completed), :process, :invoked, :completed (nil if unknown), in the order of their invocations
  edges: an EdgeList of their dependencies; order edges are added here
  why: function of two nodes, a type and two names that tells the dependency in words"
  [txns ^EdgeList edges why]
  (let [n (count txns)
        invoked (positions (map :invoked txns))
        completed (positions (map #(or (:completed %) Integer/MAX_VALUE) txns))
        _ (process-edges edges txns)
        _ (RealTime/addTo edges invoked completed realtime)
        graph (TransactionGraph. n edges)
        everything (Components/of graph (bit-or ww wr rw process realtime))]
    (if (empty? (.members everything))
      {}
      (let [search (CycleSearch. graph invoked completed)
            found (reduce
                   (fn [found [[_ closing path apart] [_ more needed]]]
                     (reduce (fn [found cycle]
                               (let [{:keys [type] :as cycle} (told txns why cycle)]
                                 (cond-> found
                                   (< (count (found type)) 8) (update type (fnil conj []) cycle))))
                             found
                             (.find search closing (bit-or (long path) (long more)) needed apart)))
                   {}
                   (for [variant variants kind kinds] [kind variant]))]
        (if (seq found)
          (update-vals found #(vec (distinct %)))
          ;; that there is a cycle is certain, whether or not a short one was found
          {:cycle [{:cycle (mapv #(:op (nth txns %)) (take 100 (first (.members everything))))
                    :explanation (str "These transactions form a cycle; no shorter one was found within the bound of"
                                      " the search.")}]})))))

(defn verdict
  "The result for anomalies found, under a model."
  [model anomalies]
  (let [model-forbids (or (forbidden model) (throw (ex-info "no such model" {:model model})))
        bad (set (filter #(or (never-allowed %) (model-forbids %) (= :cycle %)) (keys anomalies)))
        weaker (into (sorted-set)
                     (for [[model anomalous] forbidden
                           :when (some #(or (never-allowed %) (anomalous %)) (keys anomalies))] model))]
    (cond-> {:valid? (empty? bad) :model model}
      (seq anomalies) (assoc :anomaly-types (vec (sort (keys anomalies)))
                             :anomalies anomalies
                             :not weaker
                             :explanation (some #(:explanation (first (anomalies %)))
                                                (concat (sort bad) (sort (keys anomalies))))))))
