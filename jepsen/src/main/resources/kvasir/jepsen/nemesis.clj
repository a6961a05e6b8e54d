(ns kvasir.jepsen.nemesis
  "Makes faults. A fault counts only with evidence, which the completion of its operation carries as {node evidence}."
  (:require [kvasir.jepsen.db :as db]
            [kvasir.jepsen.generator :as generator]
            [kvasir.jepsen.random :as random]))

(set! *warn-on-reflection* true)

(defprotocol Nemesis
  (setup! [nemesis test] "Returns the nemesis, ready.")
  (invoke! [nemesis test op] "Does op and returns it with what was done as its :value.")
  (teardown! [nemesis test] "Takes all its faults back."))

(defprotocol Reflection
  (fs [nemesis] "The :f of operations that it does."))

(defn targets
  "Nodes that a word stands for."
  [test word]
  (let [nodes (random/shuffled (:nodes test))
        n (count nodes)
        majority (inc (quot n 2))]
    (case word
      :one (subvec nodes 0 1)
      :minority (subvec nodes 0 (max 1 (random/long-below (inc (quot (dec n) 2)))))
      :majority (subvec nodes 0 majority)
      :all nodes
      ;; one that leads a range, told when the fault is made
      :primaries (if-let [leaders (seq (db/primaries (:db test) test))]
                   [(random/pick (vec leaders))]
                   (subvec nodes 0 1)))))

(defn- on-all
  "{node (f node)}, all at once."
  [nodes f]
  (into (sorted-map) (map (fn [[node done]] [node @done]))
        (doall (map (fn [node] [node (future (f node))]) nodes))))

(defrecord Processes []
  Nemesis
  (setup! [this _] this)
  (invoke! [_ test {:keys [f value] :as op}]
    (let [db (:db test)
          act (case f
                :kill db/kill! :start db/start! :pause db/pause! :resume db/resume!)]
      (assoc op :type :info
             :value (on-all (if (coll? value) value (targets test value)) #(act db test %)))))
  (teardown! [_ test]
    (on-all (:nodes test) #(db/resume! (:db test) test %)))
  Reflection
  (fs [_] #{:kill :start :pause :resume}))

(def ^:private words [:one :one :minority :majority :all :primaries :primaries])

(defn- faults
  "A function that gives a fault with a random target."
  [f]
  (fn [] {:type :info :f f :value (random/pick words)}))

(def ^:private packages-by-fault
  {:kill {:generator (fn []
                       (generator/flip-flop (faults :kill) (generator/repeat {:type :info :f :start :value :all})))
          :final-generator [{:type :info :f :start :value :all}]
          :perf {:name "kill" :start #{:kill} :stop #{:start} :color "#d95f5f"}}
   :pause {:generator (fn []
                        (generator/flip-flop (faults :pause) (generator/repeat {:type :info :f :resume :value :all})))
           :final-generator [{:type :info :f :resume :value :all}]
           :perf {:name "pause" :start #{:pause} :stop #{:resume} :color "#c9a227"}}})

(defn package
  "{:nemesis :generator :final-generator :perf} for faults. Each kind comes and goes by itself, every interval-seconds on
  average, so that they overlap."
  [faults interval-seconds]
  (let [packages (map #(or (packages-by-fault %) (throw (ex-info "no such fault" {:fault %}))) faults)]
    {:nemesis (->Processes)
     :generator (when (seq packages)
                  (apply generator/any (map #(generator/stagger interval-seconds ((:generator %))) packages)))
     :final-generator (vec (mapcat :final-generator (reverse packages)))
     :perf (mapv :perf packages)}))

(def ^:private evidence {:kill :killed :pause :stopped})

(defn happened
  "How often each fault really happened, by the evidence in a history."
  [history]
  (frequencies
   (for [op history
         :when (and (= :nemesis (:process op)) (map? (:value op)))
         :let [mark (evidence (:f op))] :when mark
         seen (vals (:value op)) :when (and (map? seen) (mark seen))]
     (:f op))))
