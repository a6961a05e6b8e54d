(ns kvasir.jepsen.interpreter
  "Runs a generator's operations with clients and a nemesis, each on a thread of its own, and journals them: an
  invocation before its client hears of it, a completion after the client has returned. One thread, this one, does
  all of that, so that the order in the journal is one of real time: intervals in it may be wider than in truth,
  never narrower."
  (:refer-clojure :exclude [run!])
  (:require [kvasir.jepsen.client :as client]
            [kvasir.jepsen.generator :as generator]
            [kvasir.jepsen.nemesis :as nemesis]
            [kvasir.jepsen.random :as random]
            [kvasir.jepsen.store :as store])
  (:import (java.util Random)
           (java.util.concurrent ArrayBlockingQueue LinkedBlockingQueue TimeUnit)))

(set! *warn-on-reflection* true)

(def ^:private poll-nanos-max 10000000)
(def ^:private no-client-millis
  "A process without a connection waits before it says so, or those at a dead node would take all operations."
  200)

(defn- node-of [test thread]
  (let [nodes (:nodes test)]
    (nth nodes (mod (long thread) (count nodes)))))

(defn- special [op]
  (case (:type op)
    :sleep (Thread/sleep (long (* 1000 (double (:value op)))))
    :log (store/log (:value op)))
  op)

(defn- invoke-client
  "Returns [client completed-op]; the client is nil if it is to be opened anew."
  [test thread client op]
  (let [client (or client
                   (try (client/open! (:client test) test (node-of test thread))
                        (catch Exception failed
                          (Thread/sleep (long no-client-millis))
                          {:failed failed})))]
    (if-let [failed (:failed client)]
      [nil (assoc op :type :fail :error [:no-client (ex-message failed)])]
      (let [done (try (let [done (client/invoke! client test op)]
                        (when-not (and (#{:ok :fail :info} (:type done))
                                       (= (:process op) (:process done)) (= (:f op) (:f done)))
                          (throw (ex-info "a client returned no completion of its operation" {:op op :returned done})))
                        done)
                      (catch Exception thrown
                        (store/log "a client threw" thrown)
                        (assoc op :type :info :error [:thrown (str thrown)])))]
        (if (= :info (:type done))
          (do (client/close! client test) [nil done])
          [client done])))))

(defn- client-worker [test thread ^ArrayBlockingQueue in ^LinkedBlockingQueue out]
  (loop [client nil]
    (let [op (.take in)]
      (cond
        (= :exit op) (when client (client/close! client test))
        (#{:sleep :log} (:type op)) (do (.put out (special op)) (recur client))
        :else (let [[client done] (invoke-client test thread client op)]
                (.put out (assoc done :node (node-of test thread)))
                (recur client))))))

(defn- nemesis-worker [test ^ArrayBlockingQueue in ^LinkedBlockingQueue out]
  (loop []
    (let [op (.take in)]
      (when-not (= :exit op)
        (.put out (if (#{:sleep :log} (:type op))
                    (special op)
                    (try (nemesis/invoke! (:nemesis test) test op)
                         (catch Exception thrown
                           (store/log "the nemesis threw" thrown)
                           (assoc op :type :info :error [:thrown (str thrown)])))))
        (recur)))))

(defn- start-worker [test thread out]
  (let [in (ArrayBlockingQueue. 1)
        random (Random. (+ (long (:seed test 0)) (long (hash thread))))
        ^Runnable run (bound-fn []
                        (binding [random/*random* random]
                          (if (= :nemesis thread) (nemesis-worker test in out) (client-worker test thread in out))))]
    {:in in :thread (doto (Thread. run (str "worker " thread)) (.start))}))

(defn- journalled? [op] (not (#{:sleep :log} (:type op))))

(defn run!
  "Runs test's generator to its end and returns the history."
  [test]
  (let [concurrency (long (:concurrency test))
        threads (conj (vec (range concurrency)) :nemesis)
        out (LinkedBlockingQueue.)
        workers (into {} (map (fn [thread] [thread (start-worker test thread out)])) threads)
        begin (System/nanoTime)
        now #(- (System/nanoTime) begin)
        journal (:journal test)
        write (fn [op] (if (journalled? op) (store/append! journal op) op))]
    (loop [ctx {:time 0 :threads threads :free (set threads) :workers (zipmap threads threads)}
           gen (:generator test)
           wait 0]
      (let [done (if (zero? wait) (.poll out) (.poll out wait TimeUnit/NANOSECONDS))
            ctx (assoc ctx :time (now))]
        (store/flush-now-and-then! journal)
        (if done
          (let [thread (generator/process->thread ctx (:process done))
                op (write (assoc done :time (:time ctx)))
                ctx (update ctx :free conj thread)
                gen (generator/update gen test ctx op)
                ctx (if (and (= :info (:type op)) (integer? (:process op)))
                      (update-in ctx [:workers thread] + concurrency)
                      ctx)]
            (recur ctx gen 0))
          (let [[op next-gen :as given] (generator/op gen test ctx)]
            (cond
              (nil? given)
              (if (= (count (:free ctx)) (count threads))
                (do (doseq [{:keys [^ArrayBlockingQueue in]} (vals workers)] (.put in :exit))
                    (doseq [{:keys [^Thread thread]} (vals workers)] (.join thread))
                    (store/history journal))
                (recur ctx gen (long poll-nanos-max)))

              (= :pending op) (recur ctx next-gen 1000000)

              (> (long (:time op)) (long (:time ctx)))
              (recur ctx gen (min (long poll-nanos-max) (- (long (:time op)) (long (:time ctx)))))

              :else
              (let [thread (generator/process->thread ctx (:process op))
                    op (write (assoc op :time (:time ctx)))
                    ctx (update ctx :free disj thread)
                    gen (generator/update next-gen test ctx op)]
                (.put ^ArrayBlockingQueue (:in (workers thread)) op)
                (recur ctx gen 0)))))))))
